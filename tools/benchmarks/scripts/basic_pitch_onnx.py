"""Basic Pitch: notes of a file, by its ONNX model."""

import sys

from basic_pitch import FilenameSuffix, build_icassp_2022_model_path
from basic_pitch.inference import predict

_, _, notes = predict(sys.argv[1], build_icassp_2022_model_path(FilenameSuffix.onnx))
print(len(notes))
