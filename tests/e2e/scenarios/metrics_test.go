package scenarios

import "fmt"

// What an HPA may ask for, as the YAML of its `metrics`; the target is an average for each replica.

func podsMetric(name, average string) string {
	return fmt.Sprintf("[{type: Pods, pods: {metric: {name: %s}, target: {type: AverageValue, averageValue: %q}}}]", name, average)
}

func objectMetric(name, object, average string) string {
	return fmt.Sprintf("[{type: Object, object: {metric: {name: %s}, describedObject: %s, target: {type: AverageValue, averageValue: %q}}}]",
		name, object, average)
}

func externalMetric(name, average string) string {
	return fmt.Sprintf("[{type: External, external: {metric: {name: %s}, target: {type: AverageValue, averageValue: %q}}}]", name, average)
}
