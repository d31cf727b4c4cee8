import type { Progress } from '../preview';

/** Seconds between two lines of a step that takes long. */
const INTERVAL = 60;

/** Prints when a step begins, that it still runs, and how long it took. */
export const progress: Progress = async (step, work) => {
  const began = Date.now();
  const say = (text: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  say(`${step} …`);
  const timer = setInterval(() => say(`${step}: ${seconds()} so far`), INTERVAL * 1000);
  try {
    const result = await work();
    say(`${step}: ${seconds()}`);
    return result;
  } finally {
    clearInterval(timer);
  }
};
