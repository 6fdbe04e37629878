package harness

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// Exporter is a scrape target whose series the test sets. Safe for use from several goroutines.
type Exporter struct {
	Address string
	server  *http.Server

	mutex   sync.Mutex
	series  map[string]float64
	sources map[string]func() map[string]float64
}

// NewExporter serves on a free port of 127.0.0.1 until Close.
func NewExporter() (*Exporter, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &Exporter{Address: listener.Addr().String(), series: map[string]float64{}, sources: map[string]func() map[string]float64{}}
	e.server = &http.Server{Handler: e}
	go e.server.Serve(listener)
	return e, nil
}

func (e *Exporter) Close() { e.server.Close() }

// Set gives a series, written name{label="value"}, its value from the next scrape on.
func (e *Exporter) Set(series string, value float64) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.series[series] = value
}

// Remove ends series; Prometheus marks them stale at the next scrape.
func (e *Exporter) Remove(series ...string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for _, one := range series {
		delete(e.series, one)
	}
}

// SetSource asks source for more series at each scrape; nil ends it.
func (e *Exporter) SetSource(name string, source func() map[string]float64) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if source == nil {
		delete(e.sources, name)
		return
	}
	e.sources[name] = source
}

func (e *Exporter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	e.mutex.Lock()
	series, sources := maps.Clone(e.series), slices.Collect(maps.Values(e.sources))
	e.mutex.Unlock()
	for _, source := range sources {
		maps.Copy(series, source())
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	for _, name := range slices.Sorted(maps.Keys(series)) {
		fmt.Fprintf(w, "%s %s\n", name, strconv.FormatFloat(series[name], 'g', -1, 64))
	}
}
