MVN ?= mvn -B -ntp
.DEFAULT_GOAL := help
.PHONY: help verify fast test format bench clean

help: ## Lists the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

verify: ## Builds, checks and tests everything, as CI does
	$(MVN) verify

fast: ## Compiles and tests without checks
	$(MVN) -q -Dfast test

test: ## Runs one test class: make test T=VersionTest or T=VersionTest#method
	@test -n "$(T)" || { echo "Which test? make test T=VersionTest" >&2; exit 2; }
	$(MVN) -q -Dfast test -Dtest='$(T)' -Dsurefire.failIfNoSpecifiedTests=false

format: ## Formats all sources
	$(MVN) -q spotless:apply -pl '!satchel-bom'

bench: ## Runs benchmarks whose name matches: make bench B=Name
	@test -d benchmarks || { echo "There is no module benchmarks yet." >&2; exit 2; }
	$(MVN) -q -Dfast package -DskipTests -pl benchmarks -am
	java -jar benchmarks/target/fast/benchmarks.jar $(B)

clean: ## Deletes what was built
	$(MVN) -q clean
