"""LLVM for the program IR."""
