"""What every room stands on: screens (ui), audit and jobs (core), people and organisations (people)."""
