"""Photos embedded by Ray Data: in processes of this machine, or on the nodes of a cluster."""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import cbir
from cbir.catalogue.embed import BATCH, EmbedPhotos, prepare_photo
from cbir.catalogue.journal import Journal, PreparedPhoto
from cbir.catalogue.records import Part
from cbir.datasets.photo import Photo
from cbir.errors import WorkersError
from cbir.network.extractor import FeatureExtractor
from cbir.network.garments import GarmentFinder
from cbir.network.gpu import open_on_best_device
from cbir.network.segmenter import FinderWeights
from cbir.network.weights import Weights
from cbir.system.pool import worker_pool
from cbir.system.process import count_cores, keep_memory
from cbir.system.remote import PhotoPath, hide_secrets

Item = dict[str, Any]
"""Number and file of a photo, the latter packed."""
Block = tuple[list[int], list[bytes]]
"""Numbers of photos, and the workers' answers, packed."""
LOCAL = "ray"
"""In place of an address: processes of this machine, started for the run."""
CLIENT = "ray://"
"""How the address of a client server begins, by which a process outside of a cluster works in it."""
BLOCK = 2 * BATCH
"""Photos that a worker takes at a time, and that come back and are written together."""
CONNECT = 10.0
"""Seconds that a cluster has to answer in."""
SETTINGS = {
    "RAY_gcs_rpc_server_connect_timeout_s": "60",  # where a busy machine takes long to start it
    "RAY_USAGE_STATS_ENABLED": "0",  # or Ray would report its use
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # or Ray would warn that this will be the default
}
"""Settings of Ray, where the environment has no others."""


@contextmanager
def ray_workers(address: str, *, processes: int | None = None) -> Iterator[EmbedPhotos]:
    """What embeds photos in a Ray, for `index_photos`. The connection is closed at the end, and a local Ray stopped.

    Workers read the photos themselves: a folder has to be at the same path on each node, or at an address that fsspec
    knows and whose driver is installed there, like all that this project needs. The project's own code and the network
    are sent to them. A worker that dies is started again, and what it had not finished goes to others.

    address: LOCAL, ray://HOST:10001 for a cluster's client server, or else as ray.init takes it. processes: of a local
    Ray, as many as cores if None.

    Raises WorkersError if Ray is not installed or not to be reached, or if it fails in the block.
    """
    try:
        import ray.data
        import ray.exceptions
    except ImportError as error:
        raise WorkersError(f'{address}: Ray is not installed here ({error}); pip install "ray[data]"') from error
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    where: dict[str, Any] = {"address": address, "runtime_env": {"py_modules": [str(Path(cbir.__file__).parent)]}}
    if address == LOCAL:
        where = {"address": "local", "num_cpus": processes or count_cores(), "include_dashboard": False}
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    remedy = "check the address, and RAY_AUTH_MODE and RAY_AUTH_TOKEN if it asks for a token"
    if address == LOCAL:
        remedy = "run again when this machine is less busy"
    try:
        _reach(address)
        with _silent():
            ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        ray.shutdown()
        raise WorkersError(f"{address}: no Ray answers ({_first_line(error)}); {remedy}") from error
    try:
        yield partial(_embed_photos, address.startswith(CLIENT))
    except ray.exceptions.RayError as error:
        remedy = "run again to go on where it stood"
        raise WorkersError(f"{address}: Ray failed ({_first_line(error)}); {remedy}") from error
    finally:
        ray.shutdown()


class _Answer(NamedTuple):
    """What a worker found in a photo: what a PreparedPhoto says, but for the photo and its pixels."""

    sha256: str
    thumb: bytes
    parts: tuple[Part, ...]
    refusal: str
    warning: str | None
    unreachable: bool
    vectors: NDArray[np.float32] | None
    """(n, 1024), of the parts; None of a photo that is known or refused."""

    def prepared(self, photo: Photo) -> PreparedPhoto:
        """The same of a photo of the set."""
        seen = PreparedPhoto(photo, self.sha256, thumb=self.thumb, parts=self.parts)
        return seen._replace(refusal=self.refusal, warning=self.warning, unreachable=self.unreachable)


class _Known:
    """Photos that need no vectors, by their digests."""

    def __init__(self, journal: Journal) -> None:
        self._digests = frozenset(bytes.fromhex(one) for one in (*journal.written, *journal.adopted))

    def __contains__(self, sha256: str) -> bool:
        return bytes.fromhex(sha256) in self._digests

    def confirm(self, sha256: str, thumb: bytes, parts: tuple[Part, ...]) -> bool:
        """The driver does that with the answer: it has the former catalogue."""
        return False


class _Network(NamedTuple):
    """What workers are sent, once each."""

    weights: Weights
    finder: FinderWeights | None
    known: _Known


class _Worker:
    """Reads photos, finds their garments if these are wanted, and embeds what is not known."""

    def __init__(self, sent: list[Any]) -> None:
        """sent: the reference of a _Network. A list, since Ray would otherwise look it up before the worker starts."""
        import ray

        keep_memory()
        network: _Network = ray.get(sent[0])
        self._extractor, self._known = open_on_best_device(network.weights), network.known
        self._finder = GarmentFinder(network.finder, self._extractor) if network.finder else None
        self._pool = worker_pool()

    def __call__(self, batch: dict[str, NDArray[Any]]) -> dict[str, Any]:
        """Answers to files, both packed, under the same numbers."""
        prepared = list(self._pool.map(self._prepare, batch["file"]))
        pixels = [one.pixels for one in prepared if one.pixels is not None]
        if pixels:
            ends = np.cumsum([len(some) for some in pixels])
            vectors = iter(np.split(self._extractor.embed(np.concatenate(pixels)), ends[:-1]))
        packed = []
        for one in prepared:
            told = one.sha256, one.thumb, one.parts, one.refusal, one.warning, one.unreachable
            packed.append(pickle.dumps(_Answer(*told, vectors=None if one.pixels is None else next(vectors))))
        return {"number": batch["number"], "answer": packed}

    def _prepare(self, packed: bytes) -> PreparedPhoto:
        file: PhotoPath = pickle.loads(packed)
        return prepare_photo(Photo("", file), self._known, self._finder)


class _Relay:
    """Asks workers on behalf of a driver outside of the cluster, in which Ray Data does not run."""

    def __init__(self, items: list[Item], sent: list[Any]) -> None:
        self._blocks = _ask(items, sent)

    def next(self) -> Block | None:
        """The next block, None at the end."""
        return next(self._blocks, None)


def _embed_photos(
    outside: bool,
    photos: list[Photo],
    journal: Journal,
    extractor: FeatureExtractor,
    finder: GarmentFinder | None = None,
) -> Iterator[PreparedPhoto]:
    """As `embed_photos`. Answers come in any order, and are in the journal before any is waited for.

    outside: this process is not part of the cluster.
    """
    import ray

    items = [{"number": number, "file": pickle.dumps(_on_every_node(one.file))} for number, one in enumerate(photos)]
    found_by = finder.weights if finder else None
    sent = [ray.put(_Network(extractor.weights, found_by, _Known(journal)))]
    if outside:
        remote: Any = ray.remote(num_cpus=0)(_Relay)
        relay = remote.remote(items, sent)
        blocks: Iterator[Block] = iter(lambda: ray.get(relay.next.remote()), None)
    else:
        blocks = _ask(items, sent)
    waiting: dict[int, PreparedPhoto] = {}
    following = 0
    for numbers, packed in blocks:
        answers: list[_Answer] = [pickle.loads(one) for one in packed]
        _write(answers, numbers, photos, journal)
        for number, answer in zip(numbers, answers):
            waiting[number] = answer.prepared(photos[number])._replace(thumb=b"")
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def _ask(items: list[Item], sent: list[Any]) -> Iterator[Block]:
    """Answers of as many workers as there are GPUs, or else cores."""
    import ray.data

    if not items:
        return
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    there: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    needed: dict[str, Any] = {"num_gpus" if there.get("GPU") else "num_cpus": 1}
    most = max(1, int(there.get("GPU") or there.get("CPU", 1)))
    blocks = max(-(-len(items) // BLOCK), min(most, len(items)))
    answers = ray.data.from_items(items, override_num_blocks=blocks).map_batches(
        _Worker,
        fn_constructor_args=(sent,),
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=most),
        batch_size=BATCH,
        **needed,
    )
    for block in answers.iter_batches(batch_size=None, prefetch_batches=0):
        yield block["number"].tolist(), block["answer"].tolist()


def _write(answers: list[_Answer], numbers: list[int], photos: list[Photo], journal: Journal) -> None:
    """Put what is new among answers into the journal, once each."""
    new: dict[str, tuple[PreparedPhoto, NDArray[np.float32]]] = {}
    for number, answer in zip(numbers, answers):
        known = answer.vectors is None or answer.sha256 in journal
        if answer.vectors is not None and not known and not journal.confirm(answer.sha256, answer.thumb, answer.parts):
            new[answer.sha256] = answer.prepared(photos[number]), answer.vectors
    if new:
        prepared, vectors = zip(*new.values())
        journal.add(list(prepared), np.concatenate(vectors))


def _reach(address: str) -> None:
    """Raise OSError if nothing listens at HOST:PORT, for which Ray would wait for many minutes."""
    host, _, port = address.removeprefix(CLIENT).rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=CONNECT).close()


@contextmanager
def _silent() -> Iterator[None]:
    """Leave out what is written to the error stream, also by libraries: Ray tells there that it is to be quiet."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _on_every_node(file: PhotoPath) -> PhotoPath:
    return file.absolute() if isinstance(file, Path) else file


def _first_line(error: Exception) -> str:
    lines = hide_secrets(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
