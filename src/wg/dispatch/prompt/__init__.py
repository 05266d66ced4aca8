"""What an agent is told: facts gathered from the store, and pure functions that write them down."""
