"""What can be broken in the proof: a name, and one change to the source of one module.

Not here, since it breaks nothing: more slack, a bound rounded down, a rest left out of both sides, fewer candidates.
"""

from __future__ import annotations

Change = tuple[str, str, str]
"""Module, what stands there once, and what takes its place."""

ANSWERS: dict[str, Change] = {
    "the query's error left out": ("bounds", "float(queries.errors[row]) + ", ""),
    "the vectors' error left out": ("bounds", " + vectors.error)", ")"),
    "the radius left out": ("bounds", "apart = (radius + ", "apart = ("),
    "another scale": ("bounds", " / vectors.quantiser.scale", " / 1.01"),
    "no slack": ("bounds", "return 2.0 * relative_rounding", "return 0.0 * relative_rounding"),
    "the least score + 1": ("bounds", "SMALLEST_SCORE))", "SMALLEST_SCORE)) + 1"),
    "a smaller square": ("bounds", "apart * apart)", "0.99 * apart * apart)"),
    "scores cut off at 0": ("bounds", "-(2.0**31)", "0.0"),
    "half norms rounded up": ("quantise", "codes, squared_norms // 2", "codes, (squared_norms + 1) // 2"),
    "no error stored": ("quantise", "max(quantised.error, float(errors.max()))", "0.0"),
    "the least error stored": ("quantise", "float(errors.max())", "float(errors.min())"),
    "errors by the largest number": ("quantise", "rounded).sum(axis=1))", "rounded).max(axis=1))"),
    "codes that wrap round": ("quantise", ", -127, 127)", ", -999, 999)"),
    "norms of other rows": (
        "quantise",
        "self.half_squared_norms[rows]\n",
        "self.half_squared_norms[: scores.shape[1]]\n",
    ),
    "codes of other rows": ("quantise", "gather_rows(self.codes, rows)", "self.codes[: len(rows)]"),
    "scores of other rows": ("quantise", "scores.take(rows, axis=1)", "scores[:, : len(rows)]"),
    "a squared rest, cut off": (
        "project",
        "np.sqrt(np.square(projected[:, kept:])",
        "abs(np.square(projected[:, kept:])",
    ),
    "fewer than k measured": ("exact", "min(max(k, RERANK), len(among))", "min(RERANK, len(among))"),
    "the candidate before the k-th": ("exact", "first), k - 1)[k - 1]", "first), k - 1)[max(k - 2, 0)]"),
    "the nearest promising one": ("exact", "promising).max()", "promising).min()"),
    "fewer than k promising": ("exact", "_largest(scores, k)", "_largest(scores, max(k - 1, 1))"),
    "no slack for coarse codes": ("exact", "coarse, row, math.sqrt(upper) + slack", "coarse, row, math.sqrt(upper)"),
    "no slack for fine codes": ("exact", "fine, row, math.sqrt(upper) + slack", "fine, row, math.sqrt(upper)"),
    "a squared radius": ("exact", "fine, row, math.sqrt(upper)", "fine, row, upper / 4"),
    "above the least score": ("exact", "scores >= least", "scores > least"),
    "another query's codes": ("exact", "queries.fine.codes[row, None]", "queries.fine.codes[0, None]"),
    "another query's error": ("exact", "(self._fine, queries.fine, row, math", "(self._fine, queries.coarse, 0, math"),
    "ties to the later row": ("exact", 'np.argsort(squared, kind="stable")', "np.lexsort((-survivors, squared))"),
    "a scan without the last row": ("exact", "survivors = among\n", "survivors = among[:-1]\n"),
    "candidates from outside": ("exact", "candidates = candidates[_are_in(candidates, among)]", "pass"),
    "a beginning from outside": ("exact", "among[_largest(scores, few)]", "_largest(scores, few)"),
    "places for rows": ("exact", "among[np.flatnonzero(scores >= least)]", "np.flatnonzero(scores >= least)"),
    "all rows for some": ("exact", "among = self._rows if rows is None else", "among = self._rows if True else"),
    "no slack for a radius": ("exact", "reach = radius + rounding_slack(", "reach = radius + 0.0 * rounding_slack("),
    "a radius, above the coarse score": (
        "exact",
        "scores >= min_score(self._coarse",
        "scores > min_score(self._coarse",
    ),
    "a radius, above the fine score": ("exact", "fine_scores >= min", "fine_scores > min"),
    "a radius, another query's codes": ("exact", "queries.fine.codes[row : row + 1]", "queries.fine.codes[:1]"),
    "less than the radius": ("exact", "distances <= radius", "distances < radius"),
    "a radius, other rows": ("exact", "start + np.flatnonzero", "np.flatnonzero"),
    "distances of 16 bits": ("measure", "difference -= query", "difference = np.float16(difference - query)"),
}
"""The search then misses neighbours, gives them in a wrong order, or fails."""

ROUNDING: dict[str, Change] = {
    "a rest that is its square": ("project", "np.sqrt(np.maximum(rest, 0.0))", "np.maximum(rest, 0.0)"),
    "no root of the rounding": ("project", "math.sqrt(dimension * width * EPS)", "(dimension * width * EPS)"),
    "no rounding": ("project", "return 4.0 * ", "return 0.0 * "),
    "a longest vector without error": ("quantise", " + self.error + abs", " + abs"),
    "a longest vector without offset": ("quantise", " + abs(self.quantiser.offset)", ""),
    "a longest vector by half norms": ("quantise", "math.sqrt(2.0 * float", "math.sqrt(float"),
    "a longest vector by norms rounded down": ("quantise", "max(initial=0)) + 1.0", "max(initial=0))"),
}
"""The bounds of rounding then do not hold."""

CHECK: dict[str, Change] = {
    "any axes": ("project", "off <= 2 * ", "off <= 1e9 * "),
    "any error": ("quantise", "allowed = self.error + ", "allowed = 1.02 * self.error + "),
    "any half norms": ("quantise", " and (self.half_squared_norms[rows] == squared_norms // 2).all()", ""),
    "any graph": ("exact", "not self._graph.has_each_row()", "False"),
    "any fine codes": ("exact", ', ("fine.npz", self._fine)', ","),
    "any coarse codes": ("exact", '("coarse.npz", self._coarse)', '("fine.npz", self._fine)'),
}
"""An index that the proof does not hold for is then accepted."""
