"""Every Op on every linker."""
