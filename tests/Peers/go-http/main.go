// The answers of the HTTP benchmark in the way of Go: net/http behind mutual TLS.
//
// Usage: peer PORT CA.pem CERT.pem KEY.pem 1.2|1.3
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
)

type message struct {
	Text string `json:"text"`
}

func main() {
	if len(os.Args) != 6 {
		log.Fatal("Usage: peer PORT CA.pem CERT.pem KEY.pem 1.2|1.3")
	}
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(os.Args[2])
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		log.Fatalf("%s holds no certificate: %v", os.Args[2], err)
	}
	version := uint16(tls.VersionTLS13)
	if os.Args[5] == "1.2" {
		version = tls.VersionTLS12
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Listening on %s\n", listener.Addr())
	server := &http.Server{
		Handler: routes(),
		TLSConfig: &tls.Config{
			ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs:  roots,
			MinVersion: version,
			MaxVersion: version,
		},
	}
	log.Fatal(server.ServeTLS(listener, os.Args[3], os.Args[4]))
}

func routes() http.Handler {
	download := make([]byte, 100*1024)
	for i := range download {
		download[i] = byte(i % 251)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) { answer(w, "text/plain", []byte("Hello World")) })
	mux.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) {
		body, err := json.Marshal(message{"Hello, World!"})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, "application/json", body)
	})
	mux.HandleFunc("/download", func(w http.ResponseWriter, r *http.Request) { answer(w, "application/octet-stream", download) })
	mux.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) {
		count, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return
		}
		answer(w, "text/plain", []byte(strconv.FormatInt(count, 10)))
	})
	return mux
}

func answer(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}
