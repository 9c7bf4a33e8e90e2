"""Names of settings that say where, in which form or how loudly something is done, whatever library they belong to."""

from __future__ import annotations

__all__ = ["is_layout"]

#: Of any call: how data is laid out, in which form something is returned, how much is said meanwhile.
_LAYOUT = frozenset(
    {
        "allow_pickle", "allow_writing_files", "as_frame", "as_index", "ascending", "axis", "batch_first",
        "class_names", "columns", "copy", "copy_X", "create_graph", "ddof", "desc", "device", "dim", "dir", "dirpath",
        "disp", "download", "drop", "dtype", "enable_checkpointing", "enable_progress_bar", "encoding", "end",
        "errors", "exist_ok", "feature_names", "figsize", "file", "filename", "flat", "flush", "how", "ignore_index",
        "indent", "index", "indexing", "inplace", "keepdim", "keepdims", "key", "leave", "legend", "log_every_n_steps",
        "logger", "logging_steps", "logging_strategy", "map_location", "mode_bar", "non_blocking",
        "num_workers", "order", "out", "output_dict", "output_dir", "parents", "path", "persistent_workers",
        "pin_memory", "progress", "progress_bar", "progressbar", "regex", "report_to", "requires_grad", "retain_graph",
        "return_tensors", "reverse", "rng", "root", "save_strategy", "sep", "set_to_none", "show_progress", "silent",
        "sparse_output", "squeeze", "target_names", "total", "train", "valid_names", "verbose", "verbose_eval",
        "verbose_feature_names_out", "verbosity", "weights_only", "zero_division",
    }
)  # fmt: skip


def is_layout(name: str) -> bool:
    """Whether a setting of that name says where, in which form or how loudly something is done, in any library."""
    return (
        name in _LAYOUT
        or name.startswith(("return_", "verbose_", "enable_", "disable_", "show_", "print_"))
        or name.endswith(("_dir", "_path", "_names"))
    )
