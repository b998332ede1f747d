"""Mathematical functions without tables, as LLVM text; almost all without branches."""
