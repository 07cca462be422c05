"""Loads a folder exported by Limbeck. Needs NumPy only; weights need safetensors.

    from load_limbeck import load, load_weights
    for group in load("."):
        group["signals"]      # float32 [segments, electrodes, samples], microvolt, in the order of choosing
        group["electrodes"], group["sfreq_hz"], group["present"]      # present is 0 where a row of zeros means "not recorded"
        group["label"], group["subject"], group["recording"], group["start_s"], group["order"], group["distance"]
"""
import json
import os

import numpy as np


def load(folder=os.path.dirname(os.path.abspath(__file__))):
    """Returns one dict of arrays per group. Sharded signals are memory-mapped when they are a single shard."""
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    groups = []
    for entry in manifest["groups"]:
        if entry["npz"] is None:
            raise ValueError("This export holds no NumPy signals; read the EDF files in edf/ instead.")
        with np.load(os.path.join(folder, entry["npz"])) as arrays:
            group = {name: arrays[name] for name in arrays.files}
        if entry["shards"]:
            parts = [np.load(os.path.join(folder, part["path"]), mmap_mode="r") for part in entry["shards"]]
            group["signals"] = parts[0] if len(parts) == 1 else np.concatenate(parts)
        group["name"] = entry["name"]
        group["sfreq_hz"] = float(group["sfreq_hz"][0])
        groups.append(group)
    return groups


def load_weights(folder=os.path.dirname(os.path.abspath(__file__))):
    """Returns (weights by name, configuration) of an exported model."""
    from safetensors.numpy import load_file

    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    return load_file(os.path.join(folder, "weights.safetensors")), config
