// Fails at once, every time: what it needs is not there, and no restart will bring it. It shows quarantine:
// after more restarts than its intensity allows, the supervisor stops trying and waits for a person.
const { DATABASE_URL } = process.env;

if (!DATABASE_URL) {
  console.error('DATABASE_URL is not set');
  process.exit(1);
}
console.log('DATABASE_URL is set: there is hope');
