"""The Milvus client: connected, asked again where that may help, and with errors that say what to do."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from cbir.collection.address import Address
from cbir.collection.indexes import Index
from cbir.collection.schema import ROW, VARCHAR_BYTES, VECTOR, name_fields
from cbir.errors import CatalogueError

Result = TypeVar("Result")

DIGITS = 32
"""Hexadecimal digits at the end of the name of a collection, of a digest of what is in it."""
FILES = "cbir.files"
"""A property of a collection."""
READING = (0.1, 0.5)
"""Seconds to wait before each further try of who is waited for."""
WRITING = (0.5, 1, 2, 4, 8, 16, 30, 30, 30)
"""Seconds to wait before each further try of a run; a server that is started again is there within them."""
TIMEOUT = 30.0
"""Seconds that one try may take."""
MOST = 16_384
"""Rows that Milvus gives at once, at most."""
AT_ONCE = 1_024
"""Rows with vectors that are asked for at once; 4 MB."""
GONE, NOT_LOADED = 100, 101
"""Codes of a collection that is not there, and of one that cannot be searched before it is loaded."""
HOPELESS = frozenset({GONE, *range(1100, 1200), *range(1400, 1500)})
"""Codes of what would fail again: what is not there, wrong parameters, wrong tokens."""
SETTINGS = {
    "token": "MILVUS_TOKEN",
    "ca_pem_path": "MILVUS_CA_PEM",
    "client_pem_path": "MILVUS_CLIENT_PEM",
    "client_key_path": "MILVUS_CLIENT_KEY",
    "server_name": "MILVUS_SERVER_NAME",
}
"""Settings of the client, and the environment variables that they are taken from."""


class Found(NamedTuple):
    """The nearest rows of a query, as Milvus has them."""

    rows: NDArray[np.int64]
    """(n,) nearest first."""
    squared: NDArray[np.float64]
    """(n,) squared Euclidean distances, computed in float32."""


class Engine:
    """A connection to Milvus. Collections are called by their own names here, and the alias only where it is moved."""

    def __init__(self, address: Address, *, waits: Sequence[float] = READING) -> None:
        """waits: seconds before each further try. Raises CatalogueError if the client or the server is missing."""
        self.address = address
        self._waits: Sequence[float] = READING  # a wrong address is told at once
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise CatalogueError(f"{address}: needs the Milvus client; pip install pymilvus") from error
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # errors are raised as well, and told once
        settings = {name: value for name, variable in SETTINGS.items() if (value := os.environ.get(variable))}
        self._client: Any = self._try(lambda: MilvusClient(uri=address.engine, timeout=TIMEOUT, **settings))
        self._waits = waits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def find_current(self) -> str | None:
        """The collection that the alias stands for; None if there is none."""
        try:
            return str(
                self._try(self._client.describe_alias, alias=self.address.name, timeout=TIMEOUT)["collection_name"]
            )
        except _NotThere:
            return None

    def names(self) -> list[str]:
        """Of all collections."""
        return [str(name) for name in self._try(self._client.list_collections, timeout=TIMEOUT)]

    def names_of_alias(self) -> list[str]:
        """Of the collections that the alias stands for, stood for or was to stand for."""
        pattern = re.compile(rf"{self.address.name}_[0-9a-f]{{{DIGITS}}}")
        return [name for name in self.names() if pattern.fullmatch(name)]

    def find_files(self, collection: str) -> str:
        """The address of the files of a collection; empty if it is none of this project."""
        described = self._try(self._client.describe_collection, collection, timeout=TIMEOUT)
        return str(described.get("properties", {}).get(FILES, ""))

    def kind_of_index(self, collection: str) -> str:
        """The type of the index over the vectors, in capitals."""
        return str(self._try(self._client.describe_index, collection, VECTOR, timeout=TIMEOUT)["index_type"]).upper()

    def create(self, collection: str, files: str, dimension: int, num_columns: int) -> None:
        """A collection without rows or an index. files: the address of its files."""
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field(ROW, DataType.INT64, is_primary=True)
        schema.add_field(VECTOR, DataType.FLOAT_VECTOR, dim=dimension)
        for name in name_fields(num_columns):
            schema.add_field(name, DataType.VARCHAR, max_length=VARCHAR_BYTES)
        self._try(self._client.create_collection, collection, schema=schema, properties={FILES: files})

    def insert(self, collection: str, rows: list[dict[str, Any]], *, anew: bool) -> None:
        """Put rows in. anew: none of them can be there yet; else those that are there are replaced.

        A try that failed may have put rows in all the same, so that each further one replaces.
        """
        tries = iter([self._client.insert] if anew else [])

        def put() -> None:
            next(tries, self._client.upsert)(collection, rows, timeout=TIMEOUT)

        self._try(put)

    def flush(self, collection: str) -> None:
        """Bring all rows to where an index can be built over them."""
        self._try(self._client.flush, collection)

    def has_index(self, collection: str) -> bool:
        """Whether there is an index over the vectors."""
        return bool(self._try(self._client.list_indexes, collection, timeout=TIMEOUT))

    def build_index(self, collection: str, index: Index) -> None:
        """Build an index over the vectors, in place of any other, and load it. Returns when searches can use it."""
        self.release(collection)
        if self.has_index(collection):
            self._try(self._client.drop_index, collection, VECTOR, timeout=TIMEOUT)
        params = self._client.prepare_index_params()
        params.add_index(VECTOR, index_type=index.kind, metric_type="L2", params=dict(index.build))
        self._try(self._client.create_index, collection, params)
        self.load(collection)

    def load(self, collection: str) -> None:
        """Have a collection searchable. Returns when it is."""
        self._try(lambda: self._client.load_collection(collection, timeout=None))

    def release(self, collection: str) -> None:
        """Take a collection out of the memory of the server."""
        self._try(self._client.release_collection, collection, timeout=TIMEOUT)

    def point_alias(self, collection: str) -> None:
        """Have the alias stand for a collection, from one moment to the next."""
        move = self._client.alter_alias if self.find_current() else self._client.create_alias
        self._try(move, collection, self.address.name, timeout=TIMEOUT)

    def drop(self, collection: str) -> None:
        """Remove a collection; one that is gone already is no error."""
        with suppress(_NotThere):
            self._try(self._client.drop_collection, collection, timeout=TIMEOUT)

    def count(self, collection: str, expression: str = "", *, strong: bool = False) -> int:
        """How many rows satisfy an expression. strong: rows count that were put in a moment ago as well."""
        level = "Strong" if strong else "Eventually"
        ask = {"filter": expression, "output_fields": ["count(*)"], "consistency_level": level}
        return int(self._query(collection, **ask)[0]["count(*)"])

    def search(
        self, collection: str, query: NDArray[np.float32], limit: int, expression: str, params: dict[str, Any]
    ) -> Found:
        """The rows nearest to a query, (D,), of those that satisfy an expression; all do if it is empty."""
        ask = {"data": [query], "limit": min(limit, MOST), "filter": expression, "output_fields": [ROW]}
        ask |= {"search_params": {"params": params}, "consistency_level": "Eventually", "anns_field": VECTOR}
        hits = self._loaded(collection, lambda: self._client.search(collection, timeout=TIMEOUT, **ask))[0]
        rows = np.array([hit[ROW] for hit in hits], np.int64)
        return Found(rows, np.array([hit["distance"] for hit in hits], np.float64))

    def fetch(self, collection: str, rows: Sequence[int], fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The fields of rows that are there, in any order."""
        for start in range(0, len(rows), AT_ONCE):
            ids = ", ".join(map(str, rows[start : start + AT_ONCE]))
            yield from self._query(collection, filter=f"{ROW} in [{ids}]", output_fields=[ROW, *fields])

    def list_rows(self, collection: str, expression: str, limit: int, start: int = 0) -> list[int]:
        """Row numbers that satisfy an expression, ascending, from the one at `start` on."""
        found = self._query(collection, filter=expression, output_fields=[ROW], limit=limit, offset=start)
        return sorted(int(one[ROW]) for one in found)

    def _query(self, collection: str, **ask: Any) -> Sequence[dict[str, Any]]:
        ask = {"consistency_level": "Eventually", **ask}
        found: Sequence[dict[str, Any]] = self._loaded(
            collection, lambda: self._client.query(collection, timeout=TIMEOUT, **ask)
        )
        return found

    def _loaded(self, collection: str, call: Callable[[], Result]) -> Result:
        """A call whose collection is loaded if it is not: a server that was started again may have left that to us."""

        def attempt() -> Result:
            try:
                return call()
            except Exception as error:
                if _code_of(error) == NOT_LOADED:
                    self._client.load_collection(collection, _async=True, timeout=TIMEOUT)
                raise

        return self._try(attempt)

    def _try(self, call: Callable[..., Result], *args: Any, **options: Any) -> Result:
        """What a call gives, after some tries if need be. Raises CatalogueError, which says what to do."""
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

        for wait in (*self._waits, None):
            try:
                return call(*args, **options)
            except (MilvusException, RpcError, OSError) as error:
                if _code_of(error) == GONE or _tells_absence(error):
                    raise _NotThere(f"{self.address}: not there any more; open it again") from error
                if wait is None or _code_of(error) in HOPELESS:
                    raise CatalogueError(f"{self.address}: {_describe(error)}") from error
                time.sleep(wait)
        raise AssertionError


class _NotThere(CatalogueError):
    """A collection or an alias is not there."""


def _code_of(error: BaseException) -> int:
    code = getattr(error, "code", 0)
    return code if isinstance(code, int) else 0


def _tells_absence(error: BaseException) -> bool:
    """Versions differ in the code of an alias that is not there."""
    text = str(error).lower()
    return "alias" in text and ("not found" in text or "not exist" in text)


def _describe(error: BaseException) -> str:
    """What went wrong, and what to do."""
    details = error.details() if hasattr(error, "details") else getattr(error, "message", "")
    text = str(details or error).strip().splitlines() or [""]
    code = _code_of(error)
    if code == NOT_LOADED:
        return "Milvus is still loading the collection; wait a little and try again"
    if code == 2 or "connect" in text[0].lower():
        return "no Milvus answers there; start it, or check the address, and try again"
    if 1400 <= code < 1500 or "auth" in text[0].lower():
        return f"Milvus lets nobody in like this ({text[0]}); set MILVUS_TOKEN to user:password or to an API key"
    return f"Milvus cannot do it ({text[0]}); see its log, and try again"
