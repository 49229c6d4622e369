import MartletTesting
import Testing

@Suite struct MapWithStateTests {
  private let words = [["a"], ["a", "b"], ["a", "b", "c", "a"], [], ["a"]]

  @Test func `mapWithState shows a result for each pair`() throws {
    let expected = [
      [("a", 1)], [("a", 2), ("b", 1)], [("a", 3), ("b", 2), ("c", 1), ("a", 4)], [], [("a", 5)],
    ]
    try checkOperator(words, expected, isStateless: false) {
      $0.map { ($0, 1) }.mapWithState(
        StateSpec.function { (word: String, one: Int?, state: State<Int>) in
          let sum = (state.getOption() ?? 0) + (one ?? 0)
          try state.update(sum)
          return (word, sum)
        })
    }
  }
}
