"""Qwen2.5-VL checkpoints in this process. Only ``adapter`` and ``processor`` import torch."""
