# Mote's front door. Each recipe is one script, which installs what it needs (Debian, apt) and can be called alone.
.DEFAULT_GOAL := help
.PHONY: help run test lib size bench fuzz format lint clean
BOARD ?= host
MINUTES ?= 10

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "BOARD is one of: $$(ls Embedded/targets | tr '\n' ' ')"

run: ## A hub and a thermostat on this machine: telemetry, a method, a desired property; STAY=1: until Ctrl-C
	@Embedded/scripts/run

test: ## Every test; ONLY=NAME: one stage or a filter of unit tests; BOARDS=NAME or none: boots no others; TLS=3.6: mbedTLS 3.6
	@MOTE_TLS=$(TLS) BOARDS="$(BOARDS)" Embedded/scripts/test $(ONLY)

lib: ## Packs the C library as build/BOARD; BOARD=NAME, this machine without
	@Embedded/scripts/packages lib '$(BOARD)'
	@Embedded/scripts/lib '$(BOARD)'

size: ## What Mote adds to a firmware, by component, and whether it is within budget
	@Embedded/scripts/size

bench: ## Instructions for each kind of message, time and memory beside other clients, each protocol's cost; ONLY=protocols or another: that
	@Embedded/scripts/bench $(ONLY)

fuzz: ## Fuzzes every parser for MINUTES=10, or one TARGET; TARGET and INPUT: one input again
	@Embedded/scripts/fuzz $(if $(INPUT),$(TARGET) $(INPUT),$(MINUTES) $(TARGET))

format: ## Formats the Swift sources
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

lint: ## Checks the format of the Swift sources
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests

clean: ## Removes what was built
	@rm -rf .build build
