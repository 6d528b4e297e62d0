MVN ?= mvn -B -ntp
.DEFAULT_GOAL := help
.PHONY: help verify fast test format fuzz bench docs tour grow clean

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

fuzz: ## Searches with every fuzz test for M minutes each: make fuzz M=1, make fuzz M=5 T=LtxDecoderFuzzTest
	MVN='$(MVN)' .ci/fuzz '$(or $(M),1)' '$(T)'

bench: ## Runs a scenario or the JMH classes that match: make bench B=Name; B=scenarios for all
	$(MVN) -q -Dfast package -DskipTests -pl benchmarks -am
	java $(BENCH_OPTIONS) -jar benchmarks/target/fast/benchmarks.jar $(B)

docs: ## Puts the code snippets into the documents anew, and checks the documents
	SATCHEL_DOCS_WRITE=1 $(MVN) -q -Dfast test -pl satchel-testkit -am -Dtest=DocumentationTest -Dsurefire.failIfNoSpecifiedTests=false

tour: ## Runs the README's tour word for word in a fresh clone
	docs/tour.sh

grow: ## Lets a user of reels grow over 1 MB, archives to a local Durable Object, restores
	docs/grow.sh

clean: ## Deletes what was built
	$(MVN) -q clean
