package learn_test

import (
	"context"
	"fmt"

	"github.com/gxlab/gxlab/gx/learn"
	"github.com/gxlab/gxlab/gx/prep"
)

// Two codes of a made-up net: the first tells brain from liver, the second nothing.
func codes() (prep.Matrix, []string) {
	x, tissue := prep.NewMatrix(40, 2), make([]string, 40)
	for i := range x.Rows {
		row := x.Row(i)
		row[0], row[1] = float32(i%5), float32(i%7)
		tissue[i] = "brain"
		if i%2 == 1 {
			row[0], tissue[i] = row[0]+6, "liver"
		}
	}
	return x, tissue
}

func ExampleClassifier() {
	x, tissue := codes()
	train, test, err := learn.TrainTest(tissue, 0.25, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	of := func(index []int) []string {
		var out []string
		for _, i := range index {
			out = append(out, tissue[i])
		}
		return out
	}
	for _, c := range []learn.Classifier{learn.RandomForest{Seed: 1}, learn.SVM{}, learn.SVM{Kernel: learn.Linear}, learn.KNN{}} {
		m, err := c.Train(context.Background(), x.Pick(train), of(train))
		if err != nil {
			fmt.Println(err)
			return
		}
		said, _ := m.Predict(x.Pick(test))
		table, _ := learn.Confuse(of(test), said)
		errors, _ := learn.Wilson(table.Errors(), table.Total(), 0.95)
		fmt.Printf("%s: %d errors of %d, at most %.0f %%\n", c.Name(), table.Errors(), table.Total(), 100*errors.High)
	}
	// Output:
	// random forest: 0 errors of 10, at most 28 %
	// SVM (RBF): 0 errors of 10, at most 28 %
	// SVM (linear): 0 errors of 10, at most 28 %
	// 5 nearest neighbours: 0 errors of 10, at most 28 %
}

func ExampleRandomForest() {
	x, tissue := codes()
	f, err := learn.RandomForest{Trees: 100, Seed: 1}.Fit(context.Background(), x, tissue)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("accuracy out of bag %.2f, importance of the first code above the second's: %v\n", f.OOB(), f.Importances()[0] > f.Importances()[1])
	// Output: accuracy out of bag 1.00, importance of the first code above the second's: true
}
