"""Python values as Arrow arrays, by their buffers.

``pyarrow.array`` would do it too, and loads pandas wherever that is installed: fifty MiB in a
worker that has no use for it.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def batch_of(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Lay rows out as columns; None, or a name that a row does not have, is null."""
    columns = [array_of([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return values of strings, numbers, lists and structs as an array of that type."""
    if pa.types.is_list(kind):
        places = _places(len(value or ()) for value in values)
        items = list(chain.from_iterable(value or () for value in values))
        return _array(kind, values, [places], [array_of(items, kind.value_type)])
    if pa.types.is_struct(kind):
        fields = [
            array_of([(value or {}).get(field.name) for value in values], field.type)
            for field in kind
        ]
        return _array(kind, values, [], fields)
    if pa.types.is_string(kind):
        encoded = [(value or "").encode() for value in values]
        return _array(kind, values, [_places(map(len, encoded)), b"".join(encoded)], [])
    dtype = kind.to_pandas_dtype()  # a type of NumPy, in spite of its name
    return _array(kind, values, [np.array([value or 0 for value in values], dtype)], [])


def _array(
    kind: pa.DataType,
    values: Sequence[Any],
    content: Sequence[NDArray[Any] | bytes],
    children: Sequence[pa.Array],
) -> pa.Array:
    given = np.array([value is not None for value in values], dtype=np.bool_)
    mask = None if given.all() else pa.py_buffer(np.packbits(given, bitorder="little"))
    buffers = [mask, *(pa.py_buffer(one) for one in content)]
    return pa.Array.from_buffers(kind, len(values), buffers, children=list(children))


def _places(lengths: Iterable[int]) -> NDArray[np.int32]:
    """Return where each value begins, and where the last one ends."""
    return np.cumsum([0, *lengths], dtype=np.int32)
