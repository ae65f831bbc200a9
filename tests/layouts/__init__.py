"""The layouts that the shipped catalogue knows, each on files that tests write by the official forms."""
