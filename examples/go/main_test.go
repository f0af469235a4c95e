package main

import "testing"

func TestItSaysWhoAnswers(t *testing.T) {
	if answer()["name"] != "go" {
		t.Fail()
	}
}
