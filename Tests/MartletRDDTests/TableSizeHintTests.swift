import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct TableSizeHintTests {
  @Test func `What the tables of this round and of the one before needed is expected, older ones are forgotten`() {
    let hint = TableSizeHint()
    #expect(hint.value == 0)
    hint.note(500)
    hint.note(300)
    #expect(hint.value == 500)
    hint.beginRound()
    #expect(hint.value == 500)
    hint.note(20)
    #expect(hint.value == 500)
    hint.beginRound()
    #expect(hint.value == 20)
    hint.beginRound()
    #expect(hint.value == 0)
  }
}
