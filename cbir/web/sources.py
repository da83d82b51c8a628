"""What a visit searches: the page's catalogue, the visitor's own wardrobe, or both."""

from __future__ import annotations

from html import escape
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from cbir.catalogue.joined import Scope, join
from cbir.web.reloading import LiveSearcher
from cbir.web.texts import Texts
from cbir.web.trail import Visit
from cbir.web.wardrobes.store import Wardrobes
from cbir.web.wardrobes.wardrobe import Wardrobe

if TYPE_CHECKING:
    from cbir.catalogue.catalogue import Catalogue
    from cbir.search import Searcher

SCOPES = {"catalogue": Scope.FIRST, "yours": Scope.SECOND, "both": Scope.BOTH}
"""What a browser sends to choose one."""
NAMES = {Scope.FIRST: "scope_catalogue", Scope.SECOND: "scope_yours", Scope.BOTH: "scope_both"}
"""Keys of what they are called."""


class Sources:
    """The searcher of each visit. Those over wardrobes share the network of the page's catalogue."""

    def __init__(self, live: LiveSearcher, wardrobes: Wardrobes | None = None) -> None:
        self.live, self._wardrobes = live, wardrobes
        self._joined: WeakKeyDictionary[Wardrobe, tuple[Searcher, Catalogue, dict[Scope, Searcher]]] = (
            WeakKeyDictionary()
        )
        self._lock = Lock()

    def get(self, visit: Visit) -> Searcher:
        """The searcher of a visit; of the catalogue alone if its wardrobe is gone or empty.

        Raises CatalogueError or WeightsError if there is none that can be used.
        """
        searcher = self.live.get()
        if self._wardrobes is None or (wardrobe := self._wardrobes.use(visit.wardrobe)) is None:
            return searcher
        own = wardrobe.catalogue()
        if own is None:
            return searcher
        if own.weights_digest != searcher.catalogue.weights_digest:
            self._wardrobes.outdate(visit.wardrobe)
            return searcher
        with self._lock:
            known = self._joined.get(wardrobe)
            if known is None or known[0] is not searcher or known[1] is not own:
                known = self._joined[wardrobe] = searcher, own, {}
            if visit.scope not in known[2]:
                known[2][visit.scope] = searcher.of(join(searcher.catalogue, own, visit.scope))
            return known[2][visit.scope]

    def draw_scopes(self, visit: Visit, say: Texts) -> str:
        """HTML of what can be searched; nothing for who has no wardrobe."""
        if self._wardrobes is None or not visit.wardrobe:
            return ""
        wardrobe = self._wardrobes.look(visit.wardrobe)
        own = wardrobe.catalogue() if wardrobe else None
        if own is None:
            why = self._wardrobes.why_gone(visit.wardrobe)
            return f"<p class='note'>{say(why)}</p>" if why else ""
        counts = {Scope.FIRST: len(self.live.searched().records), Scope.SECOND: len(own.records)}
        counts[Scope.BOTH] = sum(counts.values())
        buttons = "".join(
            f"<button type='button' data-choice='scope:{name}' aria-pressed='{str(scope is visit.scope).lower()}'>"
            f"{say(NAMES[scope])} <small>{say.number(counts[scope])}</small></button>"
            for name, scope in SCOPES.items()
        )
        name = escape(say("scope"), quote=True)
        return f"<div class='choices scopes' role='group' aria-label='{name}'>{buttons}</div>"
