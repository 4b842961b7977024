"""Any server that speaks the OpenAI chat protocol, such as vLLM. The standard library suffices."""
