"""Modules that stand for what a peer imports and its request handling does not need: kernels, schedulers, tracing."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class _Kind(type):
    """Of every class of a stub: has any attribute, is false, and calls of it do nothing."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _made(name)

    def __call__(cls, *given: Any, **named: Any) -> Any:
        if "stands_for" in cls.__dict__:
            if len(given) == 1 and not named and callable(given[0]):
                return given[0]  # it was used as a decorator
            return super().__call__()
        return super().__call__(*given, **named)

    def __bool__(cls) -> bool:
        return False

    def __iter__(cls) -> Any:
        return iter(())

    def __getitem__(cls, _item: Any) -> Any:
        return cls

    def __or__(cls, _other: Any) -> Any:
        return cls

    def __ror__(cls, _other: Any) -> Any:
        return cls


class _Anything(metaclass=_Kind):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _made(name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        return given[0] if len(given) == 1 and not named and callable(given[0]) else self

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Any:
        return iter(())

    def __int__(self) -> int:
        return 0

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _made(name: str) -> Any:
    return _Kind(name, (_Anything,), {"stands_for": name})


class _Stub(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(self, name, made := _made(name))
        return made


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stubs for whole packages, and packages without the `__init__` that would import all of them.

    Args:
        stubbed: packages whose every module is a stub, unless one of `bare` says otherwise.
        bare: packages whose own modules are true and whose `__init__` is not run.
        folder: where the peer is installed.
    """

    def __init__(self, stubbed: Iterable[str], bare: Iterable[str], folder: Path) -> None:
        self._stubbed, self._bare, self._folder = tuple(stubbed), frozenset(bare), folder

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname in self._bare or any(fullname == name or fullname.startswith(name + ".") for name in self._stubbed):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        if spec.name in self._bare:
            module = types.ModuleType(spec.name)
            module.__path__ = [str(self._folder.joinpath(*spec.name.split(".")))]
        else:
            module = _Stub(spec.name)
            module.__path__ = []
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


def install(folder: Path, *, stubbed: Iterable[str], bare: Iterable[str] = ()) -> None:
    """Make the packages in `folder` importable.

    Args:
        stubbed: of these, those that are not installed beside it are stubs; a name with a dot always is.
        bare: packages of the peer without their `__init__`.
    """
    sys.path.insert(0, str(folder))
    absent = [name for name in stubbed if "." in name or importlib.util.find_spec(name) is None]
    sys.meta_path.insert(0, _Finder(absent, bare, folder))
