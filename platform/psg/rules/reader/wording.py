def rationale_of(epoch, decisions, signs, calibration): return ""
