"""The ways in: the HTTP api, the register of every object (intake), the converter."""
