import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct TableSizeHintTests {
  @Test func `The hint is the largest table of this batch and the one before, older ones are forgotten`() {
    let hint = TableSizeHint()
    #expect(hint.value == 0)
    hint.note(500)
    hint.note(300)
    #expect(hint.value == 500)
    hint.beginBatch()
    #expect(hint.value == 500)
    hint.note(20)
    #expect(hint.value == 500)
    hint.beginBatch()
    #expect(hint.value == 20)
    hint.beginBatch()
    #expect(hint.value == 0)
  }
}
