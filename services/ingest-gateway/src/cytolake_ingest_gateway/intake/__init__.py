"""Intake: the register of every object, its runs, and what became of them."""
