import { connect } from 'node:net';

/**
 * Sends a four-letter word to a server and resolves with all it answers.
 * Rejects when the port does not open, or the answer has not ended after `timeoutMs`.
 */
export function ask(host: string, port: number, word: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host, port, allowHalfOpen: true });
    const deadline = setTimeout(
      () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.setEncoding('utf8');
    // As `FourLetterWordMain` and netcat do it: nothing will follow the word.
    socket.on('connect', () => socket.end(word));
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > ANSWER_LENGTH_MAX) socket.destroy(new Error('the answer does not end'));
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(deadline);
      resolve(answer);
    });
  });
}

/** No word that is asked for here has an answer anywhere near this. */
const ANSWER_LENGTH_MAX = 1 << 20;
