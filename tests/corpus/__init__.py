"""Files for tests, generated: nothing here is a record of anybody's."""
