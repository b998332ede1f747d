"""Programs that show aesaralite at work. Run one with ``python -m aesaralite.examples.NAME``."""
