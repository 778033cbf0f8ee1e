"""Great Expectations, imported without what no expectation of ours needs.

One of its expectations (the Kullback-Leibler divergence) draws charts and fits distributions: for
it all of SciPy's statistics and Altair are imported, a third of the time until the service is ready
and 80 MB; and where it is installed, Google's client for secrets. They are put off until somebody
asks for something in them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

OF_OTHERS = ("scipy.stats", "altair", "google.cloud.secretmanager")


class Later(ModuleType):
    """Stands for a module that is imported when something in it is asked for."""

    def __getattr__(self, name: str) -> object:
        """Return what the module itself has; what describes a module is asked of each, often."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


@contextmanager
def put_off(*names: str) -> Iterator[None]:
    """Let what is imported meanwhile take stand-ins for these; whoever comes after, the modules."""
    stand_ins = {name: Later(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


with put_off(*OF_OTHERS):
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.row_conditions import Column

__all__ = ["Column", "ProgressBarsConfig", "gx", "gxe"]
