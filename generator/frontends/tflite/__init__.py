"""TensorFlow Lite files as ONNX models in QDQ form, so that all behind the frontend applies."""
