"""`luvalla doctor`: looks at an installation from all sides and says what is wrong and what to do."""
