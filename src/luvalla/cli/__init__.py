"""Commands: one file each, found by `luvalla.cli.main`, which loads only the one that is asked for."""
