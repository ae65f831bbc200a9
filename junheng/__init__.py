"""The command line, the front door: a module per command, heavy imports inside."""
