package kernel

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
)

// GlueType is the MIME type under which Glue hands a value on.
const GlueType = "application/vnd.gxlab.glue+json"

// Glue hands a number, a text or a truth value to whoever runs the notebook:
// gxlab run writes it to <notebook>.metrics.json under its name. A number that is
// not finite is written as null, since JSON has no other. The value is shown too.
func Glue(name string, value any) {
	v := value
	if r := reflect.ValueOf(value); r.IsValid() && r.CanFloat() {
		if f := r.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			v = nil
		}
	}
	text := fmt.Sprintf("%s = %v", name, value)
	if f, ok := value.(float64); ok {
		text = fmt.Sprintf("%s = %.4g", name, f)
	}
	if !inNotebook() {
		fmt.Println(text)
		return
	}
	b, err := json.Marshal(map[string]any{"name": name, "value": v})
	if err != nil {
		panic(fmt.Sprintf("\nGlue(%s): %v\n  try a number, a text or a truth value\n", name, err))
	}
	display(map[string]any{GlueType: string(b), "text/plain": text}, nil)
}
