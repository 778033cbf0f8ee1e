"""The validator: every converted file judged against the contract of its dataset."""
