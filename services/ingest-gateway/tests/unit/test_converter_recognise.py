"""Whose file it is: decided, or refused, never guessed. And the filter of system calls."""

from __future__ import annotations

import errno

import pytest

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter import recognise
from cytolake_ingest_gateway.converter.recognise import Candidates
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox import seccomp, syscalls


def test_the_registered_vendor_is_tried() -> None:
    for known, others in ((True, ()), (True, ("X",)), (False, ())):
        decided = recognise.for_registered("V", recognised_by_it=known, recognised_by=others)
        assert decided == Candidates(("V",))


def test_another_vendors_file_is_refused_by_name() -> None:
    decided = recognise.for_registered(
        "BECKMAN_VI_CELL_BLU", recognised_by_it=False, recognised_by=("ROCHE_CEDEX_HIRES",)
    )
    assert isinstance(decided, Rejection)
    assert decided.code == ReasonCode.WRONG_VENDOR
    assert "Beckman Vi Cell BLU" in decided.message
    assert "Roche Cedex Hires" in decided.message


def test_nobody_knows_the_file() -> None:
    decided = recognise.for_unregistered((), b"a,b\n1,2", "x.csv")
    assert isinstance(decided, Rejection)
    assert decided.code == ReasonCode.UNKNOWN_LAYOUT


def test_a_tie_is_broken_by_the_name_in_the_file() -> None:
    both = ("LUMINEX_INTELLIFLEX", "LUMINEX_XPONENT")
    head = b'"Program","xPONENT"'
    assert recognise.for_unregistered(both, head, "x") == Candidates(("LUMINEX_XPONENT",))
    assert recognise.for_unregistered(both, b"", "x") == Candidates(both)


def run(program: tuple[seccomp.Instruction, ...], data: dict[int, int]) -> int:
    """Interpret the filter as the kernel would; `data` by offset in `struct seccomp_data`."""
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, constant = program[at]
        at += 1
        if code == seccomp.LOAD:
            accumulator = data.get(constant, 0)
        elif code == seccomp.RETURN:
            return constant
        else:
            holds = (
                accumulator == constant if code == seccomp.EQUALS else bool(accumulator & constant)
            )
            at += if_true if holds else if_false


OWN = 4_711


def verdict(number: int, first: int = 0, third: int = 0, arch: int = 0xC000_003E) -> int:
    program = seccomp.program("x86_64", OWN)
    assert program
    return run(program, {0: number, 4: arch, 16: first, 32: third})


REFUSED = seccomp.ERRNO | errno.EPERM


def test_ordinary_calls_pass() -> None:
    for number in (0, 1, 2, 9, 12, 257, 262):  # read write open mmap brk openat newfstatat
        assert verdict(number) == seccomp.ALLOW


@pytest.mark.parametrize("name", sorted(syscalls.DENIED))
def test_every_denied_call_is_refused(name: str) -> None:
    number = syscalls.DENIED[name][0]
    assert number is not None
    assert verdict(number) == REFUSED


def test_signals_only_to_itself() -> None:
    for number, _ in syscalls.SIGNALS.values():
        assert number is not None
        assert verdict(number, first=OWN) == seccomp.ALLOW
        assert verdict(number, first=1) == REFUSED


def test_threads_but_no_processes() -> None:
    clone, clone3, limits = 56, 435, 302
    assert verdict(clone, first=seccomp.CLONE_THREAD) == seccomp.ALLOW
    assert verdict(clone, first=17) == REFUSED
    assert verdict(clone3) == seccomp.ERRNO | errno.ENOSYS
    assert verdict(limits, third=0) == seccomp.ALLOW
    assert verdict(limits, third=8) == REFUSED


def test_another_architectures_numbers_end_the_process() -> None:
    assert verdict(0, arch=0x4000_0003) == seccomp.KILL
    assert seccomp.program("riscv64", OWN) is None
