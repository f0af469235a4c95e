// A small server: says who answers, in which version.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
)

func answer() map[string]string {
	version := os.Getenv("APP_VERSION")
	if version == "" {
		version = "1.0.0"
	}
	host, _ := os.Hostname()
	return map[string]string{"name": "go", "version": version, "hostname": host}
}

func index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer())
}

func main() {
	http.HandleFunc("/", index)
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
