"""Whose file it is: decided, or refused, never guessed. And the filter of system calls."""

from __future__ import annotations

import errno

import pytest

from cytolake_contracts import ReasonCode, Recognition
from cytolake_ingest_gateway.converter import recognise
from cytolake_ingest_gateway.converter.recognise import Candidates
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox import seccomp, syscalls


def test_the_registered_vendor_is_tried() -> None:
    for known, others in ((True, ()), (True, ("X",)), (False, ())):
        decided = recognise.for_registered("V", recognised_by_it=known, recognised_by=others)
        assert isinstance(decided, Candidates)
        assert decided.vendors == ("V",)
        assert "the source's vendor" in decided.recognition.matched[0]


def test_another_vendors_file_is_refused_by_name() -> None:
    decided = recognise.for_registered(
        "BECKMAN_VI_CELL_BLU", recognised_by_it=False, recognised_by=("ROCHE_CEDEX_HIRES",)
    )
    assert isinstance(decided, Rejection)
    assert decided.code == ReasonCode.WRONG_VENDOR
    assert "Beckman Vi Cell BLU" in decided.message
    assert "Roche Cedex Hires" in decided.message
    assert decided.is_for_people
    told = decided.recognition
    assert told is not None
    assert told.vendor == "ROCHE_CEDEX_HIRES"
    assert told.matched == ("Roche Cedex Hires: its parser recognises the file",)
    assert told.refused[0].startswith("Beckman Vi Cell BLU: ")


def test_nobody_knows_the_file() -> None:
    decided = recognise.for_unregistered((), b"a,b\n1,2", "x.csv")
    assert isinstance(decided, Rejection)
    assert decided.code == ReasonCode.UNKNOWN_LAYOUT
    assert not decided.is_for_people


def test_a_tie_is_broken_by_the_name_in_the_file() -> None:
    both = ("LUMINEX_INTELLIFLEX", "LUMINEX_XPONENT")
    decided = recognise.for_unregistered(both, b'"Program","xPONENT"', "x")
    assert isinstance(decided, Candidates)
    assert decided.vendors == ("LUMINEX_XPONENT",)
    assert "named in the file" in decided.recognition.matched[0]
    assert decided.recognition.runners_up[0].startswith("Luminex Intelliflex: ")
    undecided = recognise.for_unregistered(both, b"", "x")
    assert isinstance(undecided, Candidates)
    assert undecided.vendors == both


def test_a_runner_up_recognised_the_file_and_could_not_read_it() -> None:
    both = ("AGILENT_GEN5", "AGILENT_GEN5_IMAGE")
    decided = recognise.for_unregistered(both, b"", "x")
    assert isinstance(decided, Candidates)
    told = recognise.read_by("AGILENT_GEN5", decided.recognition, ("AGILENT_GEN5_IMAGE",))
    assert told.vendor == "AGILENT_GEN5"
    assert told.matched == ("Agilent Gen5: its parser knows it",)
    assert told.runners_up == ("Agilent Gen5 Image: recognises the file, but cannot read it",)


def test_two_that_read_it_are_for_people_to_decide() -> None:
    decided = recognise.ambiguous(("A", "B"), Recognition(matched=("A: so", "B: so")))
    assert (decided.code, decided.is_for_people) == (ReasonCode.AMBIGUOUS_VENDOR, True)
    assert decided.recognition == Recognition(matched=("A: so", "B: so"))


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
