package standin

import groovy.json.JsonOutput
import groovy.transform.CompileStatic

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong

/** Lines of JSON to Python, and the steps that wait for its answers. */
@CompileStatic
class Wire {
    private final OutputStream out
    private final Map<Long, Call> calls = new ConcurrentHashMap<>()
    private final AtomicLong last = new AtomicLong()

    Wire(OutputStream out) {
        this.out = out
    }

    void send(Map message) {
        def line = (JsonOutput.toJson(message) + '\n').getBytes('US-ASCII')
        synchronized (out) {
            out.write(line)
            out.flush()
        }
    }

    Call call(String build, String step, Map arguments, Context context) {
        def call = new Call(this, last.incrementAndGet(), build, context)
        if (step != 'interrupt') {
            calls[call.id] = call
        }
        send([call: call.id, build: build, step: step, arguments: Values.plain(arguments), context: context.json(call.id)])
        call
    }

    void answer(Map message) {
        calls.remove(((Number) message['answer']).longValue())?.done(message)
    }
}
