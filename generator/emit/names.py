"""C expressions for a step's constants, wherever the plan keeps them."""

from __future__ import annotations

from tinyrig.generator.planning.arena import ArenaPlan
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.resident import buffer_name


def params_name(index: int) -> str:
    """Return the C name of a step's parameters."""
    return f"tr_tables_step_{index}"


def params_of(plan: Plan, index: int) -> str:
    """Return an expression for a step's parameters."""
    owner = plan.steps[index].shares
    return _in_block(plan, index, params_name(index if owner is None else owner))


def table_of(plan: Plan, index: int, table: Table) -> str:
    """Return an expression for a table a step reads."""
    residents, name = plan.residents, plan.table_name(table)
    if residents is None:
        return name
    number = residents.block_of(index)
    if table.key() in residents.blocks[number].tables:
        return _in_block(plan, index, name)
    staged = plan.stages is not None and plan.stages.of(number) is not None
    return f"{stage_macro(number)}.{name}" if staged else name


def source_name(plan: Plan, streamed: str) -> str:
    """Return the C name, inside of an inference, of where a streamed input comes from."""
    return f"x{list(plan.schedule.inputs).index(streamed)}"


def block_name(number: int) -> str:
    """Return the C name of a block where it is loaded from."""
    return f"tr_weights_block_{number}"


def block_macro(number: int) -> str:
    """Return the C name of a block where it is used."""
    return f"TR_BLOCK_{number}"


def stage_name(number: int) -> str:
    """Return the C name of a block, with the tables beside it, in the memory behind slow memory."""
    return f"tr_l3_block_{number}"


def stage_macro(number: int) -> str:
    """Return the C name of such a block where slow memory has it."""
    return f"TR_STAGE_{number}"


def block_source(plan: Plan, number: int) -> str:
    """Return an expression for a block in slow memory, from where it is copied to be used."""
    staged = plan.stages is not None and plan.stages.of(number) is not None
    return f"{stage_macro(number)}.block" if staged else block_name(number)


def block_place(plan: Plan, number: int, arena: ArenaPlan) -> str:
    """Return an expression for where a block is copied to, in a build of this arena."""
    assert plan.residents is not None
    if plan.residents.shared:
        return f"arena + {arena.offsets[buffer_name(number)]}"
    return f"tr_resident + {plan.residents.blocks[number].offset}"


def _in_block(plan: Plan, index: int, name: str) -> str:
    if plan.residents is None:
        return name
    return f"{block_macro(plan.residents.block_of(index))}.{name}"
