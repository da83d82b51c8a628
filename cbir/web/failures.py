"""What a visitor is told of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.web.answers import hide_server_path, notice
from cbir.web.wardrobes.store import PREFIX

if TYPE_CHECKING:
    from cbir.errors import CbirError
    from cbir.web.texts import Texts


def tell_failure(error: CbirError, say: Texts, photo: str = "") -> str:
    """HTML of what is wrong. Files of a visitor's wardrobe are gone if it was changed or deleted in another tab.

    photo: path of an upload, which is called by its name.
    """
    return notice(say("wardrobe_changed") if PREFIX in str(error) else hide_server_path(error, photo))
