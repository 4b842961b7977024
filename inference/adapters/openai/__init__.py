"""Adapter for servers with the OpenAI chat protocol, for example vLLM."""
