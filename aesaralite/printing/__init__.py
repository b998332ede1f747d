"""Graphs as text and HTML."""

from aesaralite.printing.debug import (
    char_from_number,
    debugprint,
    dprint,
    get_node_by_id,
    inner_to_outer_inputs,
    op_debug_information,
)
from aesaralite.printing.description import hex_digest, min_informative_str, var_descriptor
from aesaralite.printing.html import render_html
from aesaralite.printing.notation import pp, pprint
from aesaralite.printing.pretty import (
    ConstantPrinter,
    DefaultPrinter,
    FunctionPrinter,
    IgnorePrinter,
    LeafPrinter,
    OperatorPrinter,
    PatternPrinter,
    PPrinter,
    Printer,
    PrinterState,
    constant_printer,
    default_printer,
    greek,
    leaf_printer,
    set_precedence,
    special,
)
from aesaralite.printing.print_op import Print

__all__ = [
    "ConstantPrinter",
    "DefaultPrinter",
    "FunctionPrinter",
    "IgnorePrinter",
    "LeafPrinter",
    "OperatorPrinter",
    "PPrinter",
    "PatternPrinter",
    "Print",
    "Printer",
    "PrinterState",
    "char_from_number",
    "constant_printer",
    "debugprint",
    "default_printer",
    "dprint",
    "get_node_by_id",
    "greek",
    "hex_digest",
    "inner_to_outer_inputs",
    "leaf_printer",
    "min_informative_str",
    "op_debug_information",
    "pp",
    "pprint",
    "render_html",
    "set_precedence",
    "special",
    "var_descriptor",
]
